import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** One value in DER: its tag, its length, what it holds. */
const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};

const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const time = (ms: number): Buffer =>
  der(0x18, Buffer.from(new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '')));

const NAME = sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from('countersign test')))));
const SIGNATURE = {
  rsa: sequence(oid('2a864886f70d01010b'), der(0x05)),
  ec: sequence(oid('2a8648ce3d040302')),
};

export interface CertificateWishes {
  readonly kind?: 'rsa' | 'ec';
  readonly bits?: number;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface TestCertificate {
  /** Both in PEM. */
  readonly certificate: string;
  readonly privateKey: string;
}

const keyPair = (kind: 'rsa' | 'ec', bits: number): { publicKey: KeyObject; privateKey: KeyObject } =>
  kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: bits })
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });

const DAY_MS = 86_400_000;

/** A certificate that its own key signed, as an app's owner makes one. It proves nothing. */
export const selfSigned = ({
  kind = 'rsa',
  bits = 2_048,
  fromMs = Date.now() - DAY_MS,
  untilMs = Date.now() + DAY_MS,
}: CertificateWishes = {}): TestCertificate => {
  const { publicKey, privateKey } = keyPair(kind, bits);
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    SIGNATURE[kind],
    NAME,
    sequence(time(fromMs), time(untilMs)),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey));
  const whole = sequence(toBeSigned, SIGNATURE[kind], signature);
  const lines = whole.toString('base64').replace(/.{64}/g, '$&\n');
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};
