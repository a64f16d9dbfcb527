// The console as an app: its service worker.
navigator.serviceWorker?.register("/sw.js").catch(() => {}); // without it, all works but offline and pushes
