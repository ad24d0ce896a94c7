import { copyFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listing, seen, viewPath } from './spec-helpers.ts';
import { View } from './view.ts';

const openView = (path: string): View => {
  const view = new View(path, listing);
  onTestFinished(() => view.close());
  return view;
};

describe('a view', () => {
  it('keeps nothing of a transaction that throws', () => {
    const view = openView(':memory:');
    const work = (): void => {
      view.run('INSERT INTO seen (place) VALUES (?)', 'request-1@0');
      throw new Error('half way');
    };
    expect(() => view.transaction(work)).toThrow('half way');
    expect(seen(view)).toEqual([]);
  });

  it('begins anew where the file is no view', () => {
    const path = viewPath();
    writeFileSync(path, 'this is no database, whatever its name says');
    expect(seen(openView(path))).toEqual([]);
  });

  it('begins anew where a first build was cut short', () => {
    const path = viewPath();
    const building = openView(path);
    building.run('INSERT INTO seen (place) VALUES (?)', 'request-1@0');
    const copy = viewPath();
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    expect(seen(openView(copy))).toEqual([]);
  });

  it('goes on where a first build was settled', () => {
    const path = viewPath();
    const built = openView(path);
    built.run('INSERT INTO seen (place) VALUES (?)', 'request-1@0');
    built.settle();
    const copy = viewPath();
    copyFileSync(path, copy);
    copyFileSync(`${path}-wal`, `${copy}-wal`);
    expect(seen(openView(copy))).toEqual(['request-1@0']);
  });

  it('is used by one process at a time', () => {
    const path = viewPath();
    openView(path).run('INSERT INTO seen (place) VALUES (?)', 'request-1@0');
    expect(() => openView(path)).toThrow(expect.objectContaining({ code: 'view_locked' }));
  });
});
