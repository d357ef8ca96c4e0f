// Puts one query to endpoints with one client and prints what it made of the answer, as JSON.
//   node ask.mjs CLIENT QUERY ENDPOINT…
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { QueryEngineBase } from '@comunica/actor-init-query';
import { QueryEngine } from '@comunica/query-sparql';
import { SparqlEndpointFetcher } from 'fetch-sparql-endpoint';
import ParsingClient from 'sparql-http-client/ParsingClient.js';
import StreamClient from 'sparql-http-client';

const [client, query, ...endpoints] = process.argv.slice(2);

const plain = (term) => term.value;
const row = (entries) => Object.fromEntries([...entries].map(([name, term]) => [name.value ?? name, plain(term)]));

async function gathered(stream, take) {
  const found = [];
  for await (const item of stream) found.push(take(item));
  return found;
}

const clients = {
  async comunica() {
    const engine = new QueryEngine();
    const result = await engine.queryBindings(query, { sources: endpoints.map((value) => ({ type: 'sparql', value })) });
    return (await result.toArray()).map((binding) => row(binding));
  },
  // Without naming the kind of source: it reads the service description, and its VoID statistics.
  async comunica_discovering() {
    const engine = new QueryEngine();
    const result = await engine.queryBindings(query, { sources: endpoints });
    return (await result.toArray()).map((binding) => row(binding));
  },
  // As Comunica is built where estimates are preferred to COUNT requests: from the VoID statistics that it finds.
  async comunica_estimating() {
    const require = createRequire(import.meta.url);
    const built = require.resolve('@comunica/query-sparql/engine-default.js');
    const changed = built.replace('engine-default.js', 'engine-estimating.cjs');
    const flag = "'cardinalityEstimateConstruction': ";
    writeFileSync(changed, readFileSync(built, 'utf8').replaceAll(`${flag}false`, `${flag}true`));
    const engine = new QueryEngineBase(require(changed)());
    const result = await engine.queryBindings(query, { sources: endpoints });
    return (await result.toArray()).map((binding) => row(binding));
  },
  async fetcher() {
    return gathered(await new SparqlEndpointFetcher().fetchBindings(endpoints[0], query), (b) => row(Object.entries(b)));
  },
  async fetcher_ask() {
    return new SparqlEndpointFetcher().fetchAsk(endpoints[0], query);
  },
  async fetcher_triples() {
    return gathered(await new SparqlEndpointFetcher().fetchTriples(endpoints[0], query), (q) => q.subject.value);
  },
  async http_client() {
    const found = await new ParsingClient({ endpointUrl: endpoints[0] }).query.select(query);
    return found.map((b) => row(Object.entries(b)));
  },
  async http_client_stream() {
    const stream = new StreamClient({ endpointUrl: endpoints[0] }).query.construct(query);
    return gathered(stream, (q) => q.subject.value);
  },
  async http_client_post() {
    const found = await new ParsingClient({ endpointUrl: endpoints[0] }).query.select(query, { operation: 'postDirect' });
    return found.map((b) => row(Object.entries(b)));
  },
};

try {
  console.log(JSON.stringify(await clients[client]()));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message ?? error) }));
}
