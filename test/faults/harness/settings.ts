/** How a fault suite runs; `npm run test:faults` sets it, `npm test` leaves it short. */
export interface FaultSettings {
  /** The long form. */
  readonly long: boolean;
  /** Undefined: the short form has one that is fixed, the long form draws one. */
  readonly seed: number | undefined;
  /** How many processes are killed at random. */
  readonly kills: number | undefined;
}

const numberOf = (text: string | undefined): number | undefined => (text ? Number(text) : undefined);

export const readFaultSettings = (): FaultSettings => {
  const { COUNTERSIGN_FAULTS, COUNTERSIGN_FAULTS_SEED, COUNTERSIGN_FAULTS_KILLS } = process.env;
  return {
    long: COUNTERSIGN_FAULTS === 'long',
    seed: numberOf(COUNTERSIGN_FAULTS_SEED),
    kills: numberOf(COUNTERSIGN_FAULTS_KILLS),
  };
};
