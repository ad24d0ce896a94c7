/** The JetStream work queue of requests that outsiders publish, and its one durable consumer. */
export const REQUESTS_JETSTREAM = 'COUNTERSIGN_REQUESTS';
export const REQUESTS_CONSUMER = 'intake';
