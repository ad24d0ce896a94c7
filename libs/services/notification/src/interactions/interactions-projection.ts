import { parseStreamName } from '@countersign/event-store';
import type { Projection, ViewStatements } from '@countersign/follower';

/** Clicks that nobody has answered: all that this view keeps. */
export const INTERACTIONS_PROJECTION: Projection = {
  name: 'interactions',
  version: 1,
  schema: `
    CREATE TABLE unanswered (id TEXT PRIMARY KEY, received_at TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX unanswered_age ON unanswered (received_at);
  `,
  categories: ['interaction'],
  types: ['InteractionReceived', 'InteractionAnswered'],
  unknownTypes: 'ignore',
  apply: (view, { type, stream, committedAt }) => {
    const { id } = parseStreamName(stream);
    if (type === 'InteractionReceived')
      view.run('INSERT OR REPLACE INTO unanswered VALUES (?, ?)', id, committedAt);
    else view.run('DELETE FROM unanswered WHERE id = ?', id);
  },
};

/** The oldest first. */
export const dueInteractions = (view: ViewStatements): readonly string[] =>
  view.all('SELECT id FROM unanswered ORDER BY received_at LIMIT 500').map(({ id }) => String(id));
