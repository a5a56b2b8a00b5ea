// Owns the certificate of our own HTTPS: its reading, and its renewal while the process runs. Not here: the listener.
import { readFileSync } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import type { Logger } from 'pino';
import { ConfigError } from './config.ts';

/** Where the pair lies, as TLS_CERT_FILE and TLS_KEY_FILE say. */
type Files = { readonly certFile: string; readonly keyFile: string };
export type Certificate = { readonly cert: Buffer; readonly key: Buffer };

const LOOK_MS = 1000;

export function readCertificate({ certFile, keyFile }: Files): Certificate {
  try {
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE must name readable files: ${sentenceOf(error)}`);
  }
}

/**
 * Looks at what is in the files instead of listening to the folder: certificates are often replaced by moving links
 * about, and a change between the start and the first look is a change too.
 */
export function watchCertificate(listener: HttpsServer, files: Files, served: Certificate, log: Logger): void {
  let lastSeen = served;
  let lastComplaint = '';
  const look = () => {
    try {
      const found = readCertificate(files);
      if (found.cert.equals(lastSeen.cert) && found.key.equals(lastSeen.key)) return;
      lastSeen = found;
      listener.setSecureContext(found);
      lastComplaint = '';
      log.info({ certFile: files.certFile }, 'The certificate was read again');
    } catch (error) {
      // The two files are rarely replaced at the same moment; the old pair serves until they fit.
      if (sentenceOf(error) === lastComplaint) return;
      lastComplaint = sentenceOf(error);
      log.warn({ err: error, certFile: files.certFile }, 'The changed certificate cannot be used yet');
    }
  };
  const looking = setInterval(look, LOOK_MS).unref();
  listener.once('close', () => clearInterval(looking));
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
