/** The nats-server that tests start: `COUNTERSIGN_NATS_SERVER`, which the test runner sets, else PATH's. */
export const natsServerPath = (): string => {
  const { COUNTERSIGN_NATS_SERVER: given } = process.env;
  return given ?? 'nats-server';
};
