// Submits the page's one form, so that nobody has to press its button.
document.querySelector('form').submit();
