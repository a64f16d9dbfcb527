// The service worker: shows pushes while no page of the console is open, and says when one was opened.
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
