// The service worker: keeps the console's shell and a page for lost lines; shows pushes while no page of the console is
// open, and says when one was opened. Before this stand SHELL, the addresses to keep, and VERSION (api/pages_app.py).
// Nothing of a person is ever kept: only static files and the offline page.
self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== VERSION).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

const kept = async (request, otherwise) => (await caches.match(request)) ?? otherwise();

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => kept("/offline", Response.error)));
  } else if (address.pathname.startsWith("/static/")) {
    event.respondWith(address.searchParams.has("v")
      ? kept(request, () => fetch(request))
      : fetch(request).catch(() => kept(request, Response.error)));
  }
});

self.addEventListener("push", (event) => {
  const told = event.data?.json();
  if (!told) return;
  event.waitUntil(self.registration.showNotification(told.title, {
    body: told.text,
    tag: told.push,
    icon: "/static/icon.svg",
    requireInteraction: told.severity === 1,
    data: { url: told.url, push: told.push },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url, push } = event.notification.data;
  const wanted = new URL(url, self.location.origin);
  const here = wanted.origin === self.location.origin ? wanted.href : self.location.origin;
  event.waitUntil(Promise.allSettled([
    fetch(`/api/v1/pushes/${encodeURIComponent(push)}/opened`, { method: "POST" }),
    self.clients.openWindow(here),
  ]));
});
