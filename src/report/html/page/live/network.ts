import type { Network } from '../../../../net/network.ts';

/** The browser's sockets and timers. */
export const browserNetwork: Network = {
  timers: {
    now: () => Date.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms);
      return { cancel: () => clearTimeout(timer) };
    },
  },
  random: Math.random,
  http: () => Promise.reject(new Error('this page makes no requests')),
  connect: (url, handlers) => {
    const socket = new WebSocket(url);
    socket.onopen = () => handlers.onOpen();
    socket.onmessage = ({ data }) => handlers.onMessage(String(data));
    socket.onclose = ({ code, reason }) => handlers.onClose(code, reason);
    return {
      send: text => {
        if (socket.readyState === WebSocket.OPEN) socket.send(text);
      },
      close: () => socket.close(1000),
      terminate: () => socket.close(),
    };
  },
};
