import { Controller, Inject } from '@nestjs/common';
import {
  auditCase,
  auditEventsPage,
  auditEventsQuery,
  auditRebuild,
  auditRequestsPage,
  auditRequestsQuery,
  type AuditCase,
  type AuditEventsPage,
  type AuditEventsQuery,
  type AuditRebuild,
  type AuditRequestsPage,
  type AuditRequestsQuery,
} from '@countersign/contracts';
import { ApiParams, ApiQuery, ApiRoute, CurrentCaller, type Caller } from '@countersign/service-host';
import { z } from 'zod';
import { ReadCase } from './case/read-case.ts';
import { ListEvents } from './events/list-events.ts';
import { RebuildProjection } from './projection/rebuild-projection.ts';
import { ListRequests } from './requests/list-requests.ts';

const caseParams = z.object({ id: z.uuid() });
const TAGS = ['audit'];

@Controller()
export class AuditController {
  readonly #listRequests: ListRequests;
  readonly #readCase: ReadCase;
  readonly #listEvents: ListEvents;
  readonly #rebuild: RebuildProjection;

  constructor(
    @Inject(ListRequests) listRequests: ListRequests,
    @Inject(ReadCase) readCase: ReadCase,
    @Inject(ListEvents) listEvents: ListEvents,
    @Inject(RebuildProjection) rebuild: RebuildProjection,
  ) {
    this.#listRequests = listRequests;
    this.#readCase = readCase;
    this.#listEvents = listEvents;
    this.#rebuild = rebuild;
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/audit/requests',
    summary: 'Requests on record, newest first',
    description:
      'For auditors. All pages of one listing tell the record as it stood when the first was taken: what is ' +
      'asked or decided meanwhile neither shifts nor changes them.',
    tags: TAGS,
    query: auditRequestsQuery,
    responses: { 200: { description: 'One page', schema: auditRequestsPage } },
    errors: ['not_auditor', 'invalid_cursor', 'projection_unavailable'],
  })
  listRequests(
    @CurrentCaller() caller: Caller,
    @ApiQuery() query: AuditRequestsQuery,
  ): Promise<AuditRequestsPage> {
    return this.#listRequests.list(caller, query);
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/audit/requests/:id',
    summary: 'The whole story of one request, and the events that prove it',
    description: 'For auditors; the reading is recorded before it is answered.',
    tags: TAGS,
    params: caseParams,
    responses: { 200: { description: 'The case', schema: auditCase } },
    errors: ['not_found', 'append_uncertain', 'store_full', 'store_unavailable', 'too_much_contention'],
  })
  readCase(
    @CurrentCaller() caller: Caller,
    @ApiParams() { id }: z.output<typeof caseParams>,
  ): Promise<AuditCase> {
    return this.#readCase.read(caller, id);
  }

  @ApiRoute({
    method: 'GET',
    path: '/v1/audit/events',
    summary: 'The events themselves, oldest first',
    description: 'For auditors; each page is recorded as a reading before it is answered.',
    tags: TAGS,
    query: auditEventsQuery,
    responses: { 200: { description: 'One page', schema: auditEventsPage } },
    errors: [
      'not_auditor',
      'invalid_cursor',
      'append_uncertain',
      'store_full',
      'store_unavailable',
      'too_much_contention',
    ],
  })
  listEvents(@CurrentCaller() caller: Caller, @ApiQuery() query: AuditEventsQuery): Promise<AuditEventsPage> {
    return this.#listEvents.list(caller, query);
  }

  @ApiRoute({
    method: 'POST',
    path: '/v1/audit/rebuild',
    summary: 'Replay the log into a fresh projection, and compare it with the live one',
    description: 'For auditors. A live projection that differs, or had stopped, is replaced.',
    tags: TAGS,
    responses: { 200: { description: 'What was found', schema: auditRebuild } },
    errors: ['not_auditor', 'projection_unavailable', 'shutting_down'],
  })
  rebuild(@CurrentCaller() caller: Caller): Promise<AuditRebuild> {
    return this.#rebuild.rebuild(caller);
  }
}
