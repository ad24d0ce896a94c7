import { createHash, X509Certificate } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** How the app proves itself: by its secret, or by the key of a certificate that was registered (RFC 7523). */
export class ClientCredentials {
  readonly #appId: string;
  readonly #secret: string;
  readonly #used = new Set<string>();
  #certificate: X509Certificate | undefined;

  constructor(appId: string, secret: string) {
    this.#appId = appId;
    this.#secret = secret;
  }

  /** From now on its key counts, as the secret does. */
  register(pem: string): void {
    this.#certificate = new X509Certificate(pem);
  }

  /** As sent to the endpoint with this address. */
  async areGood(form: URLSearchParams, endpoint: string): Promise<boolean> {
    if (form.get('client_id') !== this.#appId) return false;
    const assertion = form.get('client_assertion');
    if (assertion === null) return form.get('client_secret') === this.#secret;
    if (form.has('client_secret') || form.get('client_assertion_type') !== ASSERTION_TYPE) return false;
    return this.#isGood(assertion, endpoint);
  }

  async #isGood(assertion: string, endpoint: string): Promise<boolean> {
    if (this.#certificate === undefined) return false;
    const thumbprint = createHash('sha256').update(this.#certificate.raw).digest('base64url');
    try {
      if (decodeProtectedHeader(assertion)['x5t#S256'] !== thumbprint) return false;
      const { payload } = await jwtVerify(assertion, this.#certificate.publicKey, {
        algorithms: ['PS256'],
        typ: 'JWT',
        audience: endpoint,
        issuer: this.#appId,
        subject: this.#appId,
        requiredClaims: ['exp', 'nbf', 'jti'],
        maxTokenAge: '10 minutes',
      });
      const { jti = '' } = payload;
      if (this.#used.has(jti)) return false;
      this.#used.add(jti);
      return true;
    } catch {
      return false;
    }
  }
}
