import type { INestApplicationContext } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { operationOf, type ApiOperation } from './api-route.ts';

/** Every operation that the application's controllers declare, by path and method. */
export const operationsOf = (app: INestApplicationContext): readonly ApiOperation[] => {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [
    ...module.controllers.values(),
  ]);
  const operations = controllers.flatMap(({ metatype }) => {
    const prototype = metatype?.prototype as Record<string, object> | undefined;
    if (prototype === undefined) return [];
    return scanner.getAllMethodNames(prototype).flatMap((name) => {
      const operation = prototype[name] === undefined ? undefined : operationOf(prototype[name]);
      return operation === undefined ? [] : [operation];
    });
  });
  return operations.sort((a, b) => (`${a.path} ${a.method}` < `${b.path} ${b.method}` ? -1 : 1));
};

const pattern = (path: string): RegExp =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[^/]+/g, '[^/]+')}$`);

/** Path of a request → the methods it is served by. */
export const allowedMethods = (
  operations: readonly ApiOperation[],
): ((path: string) => readonly string[]) => {
  const routes = operations.map(({ method, path }) => ({ method, pattern: pattern(path) }));
  return (path) => [
    ...new Set(routes.filter((route) => route.pattern.test(path)).map(({ method }) => method)),
  ];
};
