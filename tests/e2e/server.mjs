// A fake Messages API on 127.0.0.1: answers from a script and records every request.
// usage: node server.mjs --out DIR --script FILE --port-file FILE
//
// Script: { "vars":  { "name": "regex with one group" },        captured from requests, used as {{name}}
//           "main":  [ reply, … ],                              in order, for requests that carry tools
//           "rules": [ { "when": "regex", "reply": reply }, … ] tried first, over the whole request }
// reply:  { "text": "…" } or { "tool_use": { "name": "Bash", "input": {…} } }
import { createServer } from 'node:http';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';

const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].slice(2)] = process.argv[i + 1];
const script = JSON.parse(readFileSync(options.script, 'utf8'));
const vars = {};
let requests = 0;
let turn = 0;
mkdirSync(options.out, { recursive: true });

function fill(value) {
  if (typeof value === 'string') return value.replace(/\{\{(\w+)\}\}/g, (whole, name) => vars[name] ?? whole);
  if (Array.isArray(value)) return value.map(fill);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v)]));
  return value;
}

function textsOf(value) {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(textsOf).join('\n');
  if (value && typeof value === 'object') return Object.values(value).map(textsOf).join('\n');
  return '';
}

function answer(body) {
  const seen = textsOf(body.messages);
  for (const [name, pattern] of Object.entries(script.vars ?? {})) {
    const found = seen.match(new RegExp(pattern));
    if (found) vars[name] = found[1];
  }
  for (const rule of script.rules ?? []) if (new RegExp(rule.when, 's').test(seen)) return fill(rule.reply);
  if ((body.tools ?? []).length === 0) return { text: 'ok' };
  return fill((script.main ?? [])[turn++] ?? { text: 'DONE' });
}

function stream(response, body, reply) {
  const id = `msg_${requests}`;
  const block = reply.tool_use
    ? { type: 'tool_use', id: `toolu_${requests}`, name: reply.tool_use.name, input: {} }
    : { type: 'text', text: '' };
  const delta = reply.tool_use
    ? { type: 'input_json_delta', partial_json: JSON.stringify(reply.tool_use.input) }
    : { type: 'text_delta', text: reply.text };
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id, type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage };
  const stop = reply.tool_use ? 'tool_use' : 'end_turn';
  if (!body.stream) {
    const whole = reply.tool_use ? { ...block, input: reply.tool_use.input } : { type: 'text', text: reply.text };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...message, content: [whole], stop_reason: stop }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message });
  send('content_block_start', { index: 0, content_block: block });
  send('content_block_delta', { index: 0, delta });
  send('content_block_stop', { index: 0 });
  send('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage });
  send('message_stop', {});
  response.end();
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method !== 'POST' || !request.url.startsWith('/v1/messages')) {
      response.writeHead(request.method === 'HEAD' ? 200 : 404);
      response.end();
      return;
    }
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (request.url.includes('count_tokens')) {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ input_tokens: Math.ceil(textsOf(body).length / 4) }));
      return;
    }
    requests += 1;
    const reply = answer(body);
    // Headers are not recorded: they carry the key.
    writeFileSync(`${options.out}/${String(requests).padStart(3, '0')}.json`, JSON.stringify({ body, reply }, null, 1));
    stream(response, body, reply);
  });
});
server.listen(0, '127.0.0.1', () => writeFileSync(options['port-file'], String(server.address().port)));
