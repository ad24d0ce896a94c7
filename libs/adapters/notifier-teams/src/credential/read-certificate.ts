import { createHash, createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CodedError } from '@countersign/kernel';
import { readSecret } from './read-secret.ts';

const SMALLEST_KEY = 2_048;

export interface CertificateFiles {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
}

export interface AppCertificate {
  readonly key: KeyObject;
  /** What Entra knows the certificate by: SHA-256 of its DER, in base64url. */
  readonly thumbprint: string;
}

const unusable = (
  setting: keyof CertificateFiles,
  path: string,
  why: string,
  cause?: unknown,
): CodedError<'certificate_unusable'> =>
  new CodedError('certificate_unusable', `Teams' ${setting} ${path} ${why}`, { cause });

/** A certificate and its key, that fit each other and that Entra takes now; the key never part of a message. */
export const readCertificate = (
  { certificateFile, privateKeyFile }: CertificateFiles,
  nowMs: number,
): AppCertificate => {
  const certificate = certificateIn(certificateFile);
  const key = keyIn(privateKeyFile);
  if (key.asymmetricKeyType !== 'rsa' || bitsOf(key) < SMALLEST_KEY)
    throw unusable(
      'privateKeyFile',
      privateKeyFile,
      `must hold an RSA key of at least ${SMALLEST_KEY} bits.`,
    );
  if (!certificate.checkPrivateKey(key))
    throw unusable('privateKeyFile', privateKeyFile, `is not the key of the certificate ${certificateFile}.`);
  const { validFromDate, validToDate, raw } = certificate;
  if (validToDate.getTime() <= nowMs)
    throw unusable(
      'certificateFile',
      certificateFile,
      `expired at ${validToDate.toISOString()}: make a new one.`,
    );
  if (validFromDate.getTime() > nowMs)
    throw unusable('certificateFile', certificateFile, `is not valid before ${validFromDate.toISOString()}.`);
  return { key, thumbprint: createHash('sha256').update(raw).digest('base64url') };
};

const certificateIn = (path: string): X509Certificate => {
  try {
    return new X509Certificate(readFileSync(path));
  } catch (cause) {
    throw unusable('certificateFile', path, "can't be read; it must hold a certificate in PEM.", cause);
  }
};

/** What was wrong with it isn't passed on: it might quote the file. */
const keyIn = (path: string): KeyObject => {
  const pem = readSecret(path, 'privateKeyFile');
  try {
    return createPrivateKey(pem);
  } catch {
    throw unusable('privateKeyFile', path, 'must hold a private key in PEM, without a passphrase.');
  }
};

const bitsOf = ({ asymmetricKeyDetails }: KeyObject): number => asymmetricKeyDetails?.modulusLength ?? 0;
