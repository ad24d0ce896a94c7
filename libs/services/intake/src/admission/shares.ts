/**
 * A bounded number of places, of which nobody may hold more than are free (dynamic thresholds, Choudhury and Hahne
 * 1998): who comes alone gets half, and n who take what they can leave a (n+1)th part to whoever comes next.
 */
export const mayTakeAnother = (its: number, all: number, places: number): boolean => its < places - all;
