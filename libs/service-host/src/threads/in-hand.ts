/** What was just loaded serves the first attempt; after a lost race it is loaded again. */
export const inHand = <Loaded>(first: Loaded, reload: () => Promise<Loaded>): (() => Promise<Loaded>) => {
  let fresh: { readonly loaded: Loaded } | undefined = { loaded: first };
  return async () => {
    const given = fresh;
    fresh = undefined;
    return given === undefined ? reload() : given.loaded;
  };
};
