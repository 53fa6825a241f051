// Serves bare git repositories below a folder on 127.0.0.1, through git's own http-backend.
// usage: node git-http.mjs --root DIR --port-file FILE [--key FILE --cert FILE]      with a key over https
import { createServer } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const options = {};
for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].slice(2)] = process.argv[i + 1];

function serve(request, response) {
  const [path, query = ''] = request.url.split('?');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH, GIT_PROJECT_ROOT: options.root, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path, QUERY_STRING: query,
      REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '', REMOTE_ADDR: '127.0.0.1',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_PROTOCOL: request.headers['git-protocol'] ?? '',
    },
  });
  request.pipe(backend.stdin);
  let head = Buffer.alloc(0);
  let started = false;
  backend.stdout.on('data', (chunk) => {
    if (started) return response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return undefined;
    started = true;
    const headers = Object.fromEntries(head.subarray(0, end).toString().split('\r\n').map((line) => line.split(/:\s*/, 2)));
    response.writeHead(parseInt(headers.Status ?? '200', 10), headers);
    return response.write(head.subarray(end + 4));
  });
  backend.stdout.on('end', () => response.end());
}

const server = options.key
  ? createSecureServer({ key: readFileSync(options.key), cert: readFileSync(options.cert) }, serve)
  : createServer(serve);
server.listen(0, '127.0.0.1', () => writeFileSync(options['port-file'], String(server.address().port)));
