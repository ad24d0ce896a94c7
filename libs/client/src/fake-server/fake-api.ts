import { randomUUID } from 'node:crypto';
import {
  claimBody,
  decisionBody,
  outcomeBody,
  policySetBody,
  redemptionBody,
  revocationBody,
  type ActivePolicySetView,
} from '@countersign/contracts';
import {
  bindAction,
  claimedActionDigest,
  parseActionBody,
  parseStrictJson,
} from '@countersign/domain-action';
import { canonicalDigest, isJsonObject, parseEntity, sha256, type Json } from '@countersign/kernel';
import { FakeProblem } from './fake-problem.ts';
import { FakeRequest } from './fake-request.ts';

export interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface Incoming {
  readonly method: string;
  readonly url: URL;
  readonly principal: string;
  readonly key: string | undefined;
  readonly bytes: Buffer;
}

const DECIDED_AT = '2026-11-20T10:00:01.000Z';

const notFound = (): FakeProblem => new FakeProblem(404, 'not_found', 'There is no such request.');

const isOpen = ({ status }: FakeRequest): boolean => status === 'pending' || status === 'received';

/** Parses as the real routes do: strictly, a wrong member is a 400 that names it. */
const parsed = <Body>(
  schema: {
    safeParse(value: unknown): {
      success: boolean;
      data?: Body;
      error?: { issues: { path: PropertyKey[] }[] };
    };
  },
  json: Json,
): Body => {
  const { success, data, error } = schema.safeParse(json);
  if (success && data !== undefined) return data;
  throw new FakeProblem(
    400,
    'invalid_field',
    'A member is missing or wrong.',
    error?.issues[0]?.path.join('.'),
  );
};

/** The fake server's routes and what they remember. */
export class FakeApi {
  policySet: ActivePolicySetView = {
    digest: canonicalDigest([]),
    directoryDigest: canonicalDigest({}),
    manifest: [],
    files: [],
    by: 'User::"carol"',
    activatedAt: DECIDED_AT,
  };
  readonly #requests = new Map<string, FakeRequest>();
  readonly #byKey = new Map<string, FakeRequest>();
  readonly #onSubmitted: () => void;

  constructor(onSubmitted: () => void) {
    this.#onSubmitted = onSubmitted;
  }

  get requests(): readonly FakeRequest[] {
    return [...this.#requests.values()];
  }

  async answer(incoming: Incoming): Promise<Answer> {
    const [, collection, id, verb] = incoming.url.pathname.split('/').slice(1);
    const route = `${incoming.method} ${collection ?? ''}${id === undefined ? '' : '/{id}'}${verb === undefined ? '' : `/${verb}`}`;
    switch (route) {
      case 'POST requests':
        return this.#submit(incoming);
      case 'GET requests/{id}':
        return this.#get(incoming, this.#find(id));
      case 'POST requests/{id}/cancellation':
        this.#find(id).cancel();
        return { status: 200, body: this.#find(id).view() };
      case 'GET reviews':
        return { status: 200, body: { reviews: this.requests.filter(isOpen).map((open) => open.view()) } };
      case 'POST reviews/{id}/decisions':
        return this.#decide(incoming, this.#find(id));
      case 'GET policy-sets/{id}':
        return { status: 200, body: this.policySet };
      case 'POST policy-sets':
        return this.#activate(incoming);
      case 'POST grants':
        return this.#claim(incoming);
      case 'POST grants/{id}':
        return this.#redeem(incoming);
      case 'POST grants/{id}/revocation':
        parsed(revocationBody, parseStrictJson(incoming.bytes));
        this.#find(id).moveTo('revoked');
        return { status: 200, body: { grantId: id, revokedAt: DECIDED_AT } };
      case 'POST grants/{id}/outcome':
        return this.#report(incoming, this.#find(id));
      default:
        throw new FakeProblem(404, 'not_found', 'There is no such route.');
    }
  }

  #find(id: string | undefined): FakeRequest {
    const found = this.#requests.get(id ?? '');
    if (found === undefined) throw notFound();
    return found;
  }

  #submit({ principal, key, bytes }: Incoming): Answer {
    const body = parseActionBody(parseStrictJson(bytes));
    const bound = bindAction({ ...parseEntity(principal), properties: {} }, body);
    const known = key === undefined ? undefined : this.#byKey.get(`${principal} ${key}`);
    if (known !== undefined && known.digest !== bound.digest) {
      throw new FakeProblem(409, 'idempotency_conflict', 'The key was used for another action.');
    }
    const request = known ?? new FakeRequest(randomUUID(), principal, bound);
    this.#requests.set(request.id, request);
    if (key !== undefined) this.#byKey.set(`${principal} ${key}`, request);
    this.#onSubmitted();
    return { status: 202, body: request.view() };
  }

  async #get({ url }: Incoming, request: FakeRequest): Promise<Answer> {
    const waitMs = Number(url.searchParams.get('wait') ?? 0) * 1_000;
    const after = url.searchParams.get('after');
    const news = after === null ? !isOpen(request) : request.version > Number(after);
    if (!news && waitMs > 0) await request.changed(waitMs);
    return { status: 200, body: request.view() };
  }

  #decide({ principal, bytes }: Incoming, request: FakeRequest): Answer {
    const { decision, reason, digest } = parsed(decisionBody, parseStrictJson(bytes));
    if (!principal.startsWith('User::')) throw new FakeProblem(403, 'not_human', 'Only people decide.');
    if (digest !== request.digest)
      throw new FakeProblem(409, 'digest_mismatch', 'Another action stands there.');
    if (!isOpen(request)) throw new FakeProblem(409, 'review_closed', 'The review is closed.');
    if (decision === 'deny') request.denial = { approver: principal, reason };
    request.moveTo(decision === 'deny' ? 'denied' : 'approved');
    const said = { decision, reason, digest, decidedAt: DECIDED_AT, status: request.status };
    return { status: 201, body: { requestId: request.id, approver: principal, ...said } };
  }

  #activate({ principal: by, bytes }: Incoming): Answer {
    const { files, replaces } = parsed(policySetBody, JSON.parse(bytes.toString('utf8')) as Json);
    if (replaces !== this.policySet.digest) {
      throw new FakeProblem(409, 'policy_set_changed', 'Another set is active.');
    }
    const manifest = files.map(({ path, content }) => ({ path, digest: sha256(content) }));
    this.policySet = { ...this.policySet, files, manifest, by, replaces, digest: canonicalDigest(manifest) };
    const { digest, activatedAt } = this.policySet;
    return { status: 201, body: { digest, replaces, by, activatedAt, warnings: [] } };
  }

  #claim({ principal, bytes }: Incoming): Answer {
    const request = this.#find(parsed(claimBody, parseStrictJson(bytes)).requestId);
    if (request.requester !== principal) throw notFound();
    request.claim();
    const { grantId, grantToken: token } = request;
    return { status: 201, body: { grantId, token, expiresAt: '2026-11-20T10:05:00.000Z' } };
  }

  #redeem({ principal, bytes }: Incoming): Answer {
    const json = parseStrictJson(bytes);
    const { token, redemptionId } = parsed(redemptionBody, json);
    const request = this.requests.find(({ grantToken }) => grantToken === token);
    if (request === undefined || !isJsonObject(json)) {
      throw new FakeProblem(401, 'token_invalid', 'The token is not valid.');
    }
    request.redeem(principal, claimedActionDigest(json), redemptionId);
    const { grantId, id: requestId } = request;
    const { enforcement } = request.view();
    return { status: 200, body: { grantId, requestId, redeemedAt: DECIDED_AT, enforcement } };
  }

  #report({ principal, bytes }: Incoming, request: FakeRequest): Answer {
    const outcome = parsed(outcomeBody, parseStrictJson(bytes));
    const status = request.report(principal, outcome);
    return { status, body: { ...outcome, grantId: request.grantId, late: false, reportedAt: DECIDED_AT } };
  }
}
