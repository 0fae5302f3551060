import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { pseudo } from './pseudo.js';
import { textsOf, textsOfPage } from './source-texts.fixture.js';

const page = textsOfPage();
const catalogueOf = (locale: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`./catalogues/${locale}.json`, import.meta.url), 'utf8')) as Record<string, string>;
const placesIn = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted().join(' ');

describe.each(['de', 'zh'])('the catalogue of %s', (locale) => {
  const catalogue = catalogueOf(locale);

  it('has every text of the page, and no other', () => {
    expect(Object.keys(catalogue).toSorted()).toEqual([...page.keys.keys()].toSorted());
  });

  it('has what is put in at the same names, and nothing empty', () => {
    const broken = Object.entries(catalogue).filter(
      ([text, translated]) => translated.trim() === '' || placesIn(text) !== placesIn(translated),
    );
    expect(broken).toEqual([]);
  });
});

describe('the page', () => {
  it('says nothing that no catalogue could have', () => {
    expect(page.keys.size).toBeGreaterThan(300);
    expect(page.untranslated).toEqual([]);
  });

  it('would be found out if it did', () => {
    const source = `const a = <p title="Not this">Nor this <code>aileron open</code>{t('this')}{t(name)}</p>;`;
    const { keys, untranslated } = textsOf('a.tsx', source);
    expect([[...keys.keys()], untranslated.length]).toEqual([['this'], 3]);
  });
});

describe('the pseudo-locale', () => {
  it('is longer, marked, and keeps what is put in', () => {
    expect(pseudo('{count} files')).toMatch(/^⟦\{count\} fîléš~+⟧$/);
  });
});
