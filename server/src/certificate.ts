// Owns the certificate of our own HTTPS: its reading, and its renewal while the process runs. Not here: the listener.
import { readFileSync } from 'node:fs';
import type { Server as HttpsServer } from 'node:https';
import type { Logger } from 'pino';
import { messageOf } from './base/error-message.ts';
import { ConfigError } from './config.ts';

/** Where the pair lies, as TLS_CERT_FILE and TLS_KEY_FILE say. */
type Files = { readonly certFile: string; readonly keyFile: string };
export type Certificate = { readonly cert: Buffer; readonly key: Buffer };

const LOOK_MS = 1000;

export function readCertificate({ certFile, keyFile }: Files): Certificate {
  try {
    return { cert: readFileSync(certFile), key: readFileSync(keyFile) };
  } catch (error) {
    throw new ConfigError(`TLS_CERT_FILE and TLS_KEY_FILE must name readable files: ${messageOf(error)}`);
  }
}

/**
 * Looks at what is in the files instead of listening to the folder: certificates are often replaced by moving links
 * about, and a change between the start and the first look is a change too.
 */
export function watchCertificate(listener: HttpsServer, files: Files, served: Certificate, log: Logger): void {
  /** Null while the files cannot be read, which is complained of once. */
  let lastSeen: Certificate | null = served;
  const look = () => {
    const before = lastSeen;
    lastSeen = null;
    try {
      const found = readCertificate(files);
      lastSeen = found;
      if (before !== null && isSame(found, before)) return;
      listener.setSecureContext(found);
      log.info({ certFile: files.certFile }, 'The certificate was read again');
    } catch (error) {
      if (before === null && lastSeen === null) return;
      // The two files are rarely replaced at the same moment; the old pair serves until they fit.
      log.warn({ err: error, certFile: files.certFile }, 'The changed certificate cannot be used yet');
    }
  };
  const looking = setInterval(look, LOOK_MS).unref();
  listener.once('close', () => clearInterval(looking));
}

function isSame(one: Certificate, other: Certificate): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}
