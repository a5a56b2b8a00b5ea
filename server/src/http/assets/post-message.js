// Hands the answer of an authorization request to the page that opened this window, or that holds it in a frame. The browser
// delivers it only when that page is of the target origin.
const answer = document.querySelector('[data-message]');
const receiver = window.opener ?? (window.parent === window ? null : window.parent);
if (answer && receiver) receiver.postMessage(JSON.parse(answer.dataset.message), answer.dataset.targetOrigin);
