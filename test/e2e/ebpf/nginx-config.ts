/** nginx in front of a server; /file it answers itself, with the file of that name in the folder. All that it writes is in `folder`. */
export function nginxConfig(folder: string, port: number, upstream: number): string {
  return `worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; keepalive_requests 100000;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join(" ")}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_http_version 1.1; proxy_buffering off; proxy_pass http://127.0.0.1:${upstream}; proxy_set_header Host $http_host; }
    location = /file { root ${folder}; }
  }
}
`;
}
