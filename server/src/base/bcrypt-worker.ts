// Owns the thread that compares one password with one bcrypt hash and says whether it is the one. Started by imported-password.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { compareSync } from 'bcryptjs';

const { password, hash } = workerData as { password: string; hash: string };
parentPort?.postMessage(compareSync(password, hash));
