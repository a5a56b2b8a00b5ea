// Owns the client ID of the console itself: the application that the server keeps for itself and refuses to change.
export const CONSOLE_CLIENT_ID = 'gatehouse-console';
