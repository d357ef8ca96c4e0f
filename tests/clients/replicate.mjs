// Replicates an event stream with ldes-client and prints each member as a line of JSON, as it comes.
//   node replicate.mjs URL ORDER [follow]
import { replicateLDES, intoConfig } from 'ldes-client';
import { Writer } from 'n3';

const [url, order, follow] = process.argv.slice(2);
// One request at a time: with more, the client gives members of a page that it asks for twice at once twice.
const client = replicateLDES(intoConfig({ url, polling: follow === 'follow', pollInterval: 100, concurrentFetches: 1 }), order);
client.on('error', (error) => { process.stderr.write(`${error?.stack ?? JSON.stringify(error)}\n`); process.exit(1); });
client.on('poll', () => console.log(JSON.stringify({ poll: true })));

const writer = new Writer({ format: 'N-Quads' });
const reader = client.stream({ highWaterMark: 10 }).getReader();
for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
  const { id, quads, timestamp, isVersionOf } = value;
  const lines = quads.map((q) => writer.quadToString(q.subject, q.predicate, q.object, q.graph));
  console.log(JSON.stringify({ id: id.value, timestamp, isVersionOf, quads: lines.join('') }));
}
