// `node --import preload-probe.js?<socket> main.js`: brings the probe into a program that does not know of it.
import { listenForProbe } from './process-probe.js';

listenForProbe(decodeURIComponent(new URL(import.meta.url).search.slice(1)));
