// A fake Messages API on 127.0.0.1: answers from a script and records every request.
// usage: node server.mjs --out DIR --script FILE --port-file FILE
//
// Script: { "vars":  { "name": "regex with one group" },        captured from requests, used as {{name}}
//           "main":  [ reply, … ],                              in order, for requests that carry tools
//           "rules": [ { "when": "regex", "reply": reply }, … ] tried first, over the whole request }
// reply:  { "text": "…" }
//         { "tool_use": { "name": "Bash", "input": {…} } }
//         { "read_all": { "file_path": "…", "lines": 200 } }    Read calls, slice after slice, to the file's end
//         { "edit_all": { "file_path": "…", "marks": "regex", "text": "…" } }
//                                                               one Edit for each match in what was read of the file
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

// What Read calls of one file brought so far: a list of slices, each a list of lines without their numbers.
function slicesOf(messages, path) {
  const blocks = messages.flatMap((message) => (Array.isArray(message.content) ? message.content : []));
  const calls = new Set(blocks.filter((b) => b.type === 'tool_use' && b.name === 'Read' && b.input.file_path === path).map((b) => b.id));
  return blocks
    .filter((b) => b.type === 'tool_result' && calls.has(b.tool_use_id) && !b.is_error)
    .map((b) => textsOf(b.content).split('\n').map((line) => /^\s*\d+\t(.*)$/.exec(line)?.[1]).filter((line) => line !== undefined));
}

// Tool calls of a reply that depends on what was read; an empty list when there is nothing left to do.
function callsOf(reply, messages) {
  if (reply.tool_use) return [reply.tool_use];
  if (reply.read_all) {
    const { file_path, lines } = reply.read_all;
    const slices = slicesOf(messages, file_path);
    if (slices.length > 0 && slices.at(-1).length < lines) return [];
    return [{ name: 'Read', input: { file_path, offset: 1 + slices.length * lines, limit: lines } }];
  }
  if (reply.edit_all) {
    const { file_path, marks, text } = reply.edit_all;
    const all = slicesOf(messages, file_path).flat().join('\n').match(new RegExp(marks, 'g')) ?? [];
    return all.map((mark) => ({ name: 'Edit', input: { file_path, old_string: mark, new_string: text } }));
  }
  return [];
}

// The next step of the script, as { text } or { calls }. Reading goes on until it finds the end.
function answer(body) {
  const seen = textsOf(body.messages);
  for (const [name, pattern] of Object.entries(script.vars ?? {})) {
    const found = seen.match(new RegExp(pattern));
    if (found) vars[name] = found[1];
  }
  for (const rule of script.rules ?? []) if (new RegExp(rule.when, 's').test(seen)) return reply(fill(rule.reply));
  if ((body.tools ?? []).length === 0) return { text: 'ok' };
  for (; turn < (script.main ?? []).length; turn += 1) {
    const next = reply(fill(script.main[turn]));
    if (!script.main[turn].read_all) turn += 1;
    if (next.text !== undefined || next.calls.length > 0) return next;
  }
  return { text: 'DONE' };

  function reply(step) {
    return step.text === undefined ? { calls: callsOf(step, body.messages) } : step;
  }
}

function stream(response, body, reply) {
  const blocks = reply.calls
    ? reply.calls.map((call, i) => ({ type: 'tool_use', id: `toolu_${requests}_${i}`, name: call.name, input: call.input }))
    : [{ type: 'text', text: reply.text }];
  const stop = reply.calls ? 'tool_use' : 'end_turn';
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: `msg_${requests}`, type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage };
  if (!body.stream) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ ...message, content: blocks, stop_reason: stop }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (type, data) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  send('message_start', { message });
  blocks.forEach((block, index) => {
    const call = block.type === 'tool_use';
    send('content_block_start', { index, content_block: call ? { ...block, input: {} } : { type: 'text', text: '' } });
    send('content_block_delta', {
      index,
      delta: call ? { type: 'input_json_delta', partial_json: JSON.stringify(block.input) } : { type: 'text_delta', text: block.text },
    });
    send('content_block_stop', { index });
  });
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
