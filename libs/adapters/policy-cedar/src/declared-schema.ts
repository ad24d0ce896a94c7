/** A type that Cedar's schema declares, with common types resolved. */
export type DeclaredType =
  | { readonly kind: 'String' | 'Long' | 'Bool' }
  | { readonly kind: 'Extension'; readonly fn: 'ip' | 'decimal' | 'datetime' | 'duration' }
  | { readonly kind: 'Entity'; readonly name: string }
  | { readonly kind: 'Set'; readonly element: DeclaredType }
  | { readonly kind: 'Record'; readonly members: DeclaredMembers };

export interface DeclaredMember {
  readonly type: DeclaredType;
  readonly required: boolean;
}

export type DeclaredMembers = ReadonlyMap<string, DeclaredMember>;

export interface DeclaredAction {
  readonly name: string;
  readonly principalTypes: ReadonlySet<string>;
  readonly resourceTypes: ReadonlySet<string>;
  readonly context: DeclaredMembers;
  /** The action itself and every action group that holds it. */
  readonly groups: ReadonlySet<string>;
}

export interface DeclaredEntity {
  readonly members: DeclaredMembers;
  readonly parentTypes: ReadonlySet<string>;
}

export interface DeclaredSchema {
  readonly entities: ReadonlyMap<string, DeclaredEntity>;
  /** By name; only the empty namespace, since a request names an action without one. */
  readonly actions: ReadonlyMap<string, DeclaredAction>;
}

/** Cedar's JSON schema, as far as it is read here. */
export interface SchemaType {
  readonly type: string;
  readonly name?: string;
  readonly element?: SchemaType;
  readonly attributes?: Readonly<Record<string, SchemaType & { readonly required?: boolean }>>;
}
interface SchemaAction {
  readonly appliesTo?: {
    readonly principalTypes: readonly string[];
    readonly resourceTypes: readonly string[];
    readonly context?: SchemaType;
  };
  readonly memberOf?: readonly { readonly id: string }[];
}
export interface SchemaNamespace {
  readonly commonTypes?: Readonly<Record<string, SchemaType>>;
  readonly entityTypes: Readonly<
    Record<string, { readonly shape?: SchemaType; readonly memberOfTypes?: readonly string[] }>
  >;
  readonly actions: Readonly<Record<string, SchemaAction>>;
}
export type SchemaNamespaces = Readonly<Record<string, SchemaNamespace>>;

const EXTENSIONS = { ipaddr: 'ip', decimal: 'decimal', datetime: 'datetime', duration: 'duration' } as const;
const NO_MEMBERS: DeclaredMembers = new Map();

const isExtension = (name: string): name is keyof typeof EXTENSIONS => Object.hasOwn(EXTENSIONS, name);

const qualify = (namespace: string, name: string): string =>
  namespace === '' ? name : `${namespace}::${name}`;

const commonTypesOf = (namespaces: SchemaNamespaces): ReadonlyMap<string, SchemaType> =>
  new Map(
    Object.entries(namespaces).flatMap(([namespace, { commonTypes = {} }]) =>
      Object.entries(commonTypes).map(([name, type]) => [qualify(namespace, name), type] as const),
    ),
  );

class UnreadableSchema extends Error {}

class TypeResolver {
  readonly #common: ReadonlyMap<string, SchemaType>;

  constructor(common: ReadonlyMap<string, SchemaType>) {
    this.#common = common;
  }

  members(type: SchemaType | undefined): DeclaredMembers {
    if (type === undefined) return NO_MEMBERS;
    const resolved = this.resolve(type);
    if (resolved.kind !== 'Record') throw new UnreadableSchema(`${type.type} is no record.`);
    return resolved.members;
  }

  resolve({ type: written, name, element, attributes }: SchemaType): DeclaredType {
    const common = this.#common.get(written);
    if (common !== undefined) return this.resolve(common);
    const type = written.replace(/^__cedar::/, '');
    if (type === 'String' || type === 'Long') return { kind: type };
    if (type === 'Bool' || type === 'Boolean') return { kind: 'Bool' };
    if (type === 'Entity' && name !== undefined) return { kind: 'Entity', name };
    if (type === 'Set' && element !== undefined) return { kind: 'Set', element: this.resolve(element) };
    if (type === 'Record') return { kind: 'Record', members: this.#record(attributes ?? {}) };
    const extension = type === 'Extension' ? (name ?? '') : type;
    if (isExtension(extension)) return { kind: 'Extension', fn: EXTENSIONS[extension] };
    throw new UnreadableSchema(`The type ${written} is not one this build can convert to.`);
  }

  #record(attributes: NonNullable<SchemaType['attributes']>): DeclaredMembers {
    return new Map(
      Object.entries(attributes).map(([name, attribute]) => {
        // Cedar's JSON reads __entity and __extn as escapes; a declared name like it could be mistaken for one.
        if (name.startsWith('__')) throw new UnreadableSchema(`The member name ${name} is reserved.`);
        return [name, { type: this.resolve(attribute), required: attribute.required ?? true }];
      }),
    );
  }
}

const groupsOf = (name: string, actions: SchemaNamespace['actions']): ReadonlySet<string> => {
  const groups = new Set([name]);
  for (const group of groups) {
    for (const { id } of actions[group]?.memberOf ?? []) groups.add(id);
  }
  return groups;
};

const readActions = (
  namespaces: SchemaNamespaces,
  types: TypeResolver,
): ReadonlyMap<string, DeclaredAction> => {
  const elsewhere = Object.entries(namespaces).find(
    ([namespace, { actions }]) => namespace !== '' && Object.keys(actions).length > 0,
  );
  if (elsewhere !== undefined) {
    throw new UnreadableSchema(
      `Declare actions outside of namespace ${elsewhere[0]}; requests name them without one.`,
    );
  }
  const actions = namespaces['']?.actions ?? {};
  return new Map(
    Object.entries(actions).map(([name, { appliesTo }]) => [
      name,
      {
        name,
        principalTypes: new Set(appliesTo?.principalTypes),
        resourceTypes: new Set(appliesTo?.resourceTypes),
        context: types.members(appliesTo?.context),
        groups: groupsOf(name, actions),
      },
    ]),
  );
};

/** The parsed schema as types to convert by; throws an error whose message says what can't be read. */
export const readDeclaredSchema = (namespaces: SchemaNamespaces): DeclaredSchema => {
  const types = new TypeResolver(commonTypesOf(namespaces));
  const entities = Object.entries(namespaces).flatMap(([namespace, { entityTypes }]) =>
    Object.entries(entityTypes).map(
      ([name, { shape, memberOfTypes }]) =>
        [
          qualify(namespace, name),
          { members: types.members(shape), parentTypes: new Set(memberOfTypes) },
        ] as const,
    ),
  );
  return { entities: new Map(entities), actions: readActions(namespaces, types) };
};
