import { parseStreamName, type Category, type RecordedEvent } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';
import { formatEntity, isJsonObject, type Json } from '@countersign/kernel';
import { AUDITED_TYPES } from './audited-types.ts';
import { factsOf } from './facts.ts';

/**
 * Rows are added and never changed, in the order of the log. So the rows up to some `seq` are the
 * projection as it stood when that row was the last.
 */
const SCHEMA = `
  CREATE TABLE request (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, requested_at TEXT NOT NULL, requester TEXT NOT NULL,
    initiator TEXT, action TEXT NOT NULL, resource TEXT NOT NULL, digest TEXT NOT NULL
  ) STRICT;
  CREATE INDEX request_by_requester ON request (requester);
  CREATE INDEX request_by_action ON request (action);
  CREATE INDEX request_by_resource ON request (resource);
  CREATE TABLE fact (
    seq INTEGER PRIMARY KEY, request INTEGER NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL
  ) STRICT;
  CREATE INDEX fact_by_request ON fact (request, kind);
`;

const ADD_REQUEST = `
  INSERT INTO request (id, requested_at, requester, initiator, action, resource, digest)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;
const ADD_FACT = 'INSERT INTO fact (request, kind, value) SELECT seq, ?, ? FROM request WHERE id = ?';

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const member = (value: Json | undefined, name: string): Json | undefined =>
  isJsonObject(value) ? value[name] : undefined;

const addRequest = (view: ViewStatements, id: string, { data }: RecordedEvent): void => {
  const { subject, action, resource } = data;
  const initiator = member(member(subject, 'properties'), 'initiator');
  view.run(
    ADD_REQUEST,
    id,
    text(data['requestedAt']),
    formatEntity({ type: text(member(subject, 'type')), id: text(member(subject, 'id')) }),
    typeof initiator === 'string' ? initiator : null,
    text(member(action, 'name')),
    `${text(member(resource, 'type'))}/${text(member(resource, 'id'))}`,
    text(data['digest']),
  );
};

const apply = (view: ViewStatements, event: RecordedEvent): void => {
  const { category, id } = parseStreamName(event.stream);
  if (category === 'request') {
    if (event.revision === 0) addRequest(view, id, event);
    return;
  }
  for (const { kind, value } of factsOf(category, event)) view.run(ADD_FACT, kind, value, id);
};

const isAudited = (name: string): name is Category => Object.hasOwn(AUDITED_TYPES, name);

/**
 * Every request on record, for finding; what a case tells is read from the streams themselves. An event
 * that isn't what its type promises is listed with what could be read of it: its case says what is wrong.
 */
export const AUDIT_PROJECTION: Projection = {
  name: 'audit',
  version: 1,
  schema: SCHEMA,
  categories: Object.keys(AUDITED_TYPES).filter(isAudited),
  types: Object.values(AUDITED_TYPES).flat(),
  unknownTypes: 'stop',
  apply,
};
