// Owns the hidden frame's page: it hands the answer to the console that opened the frame.
import { session } from './session.ts';

session().handleSilentCallback();
