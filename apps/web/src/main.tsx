import { startLocale } from './i18n/locale.js';
import { startTheme } from './shell/theme.js';
import './page.css';

startTheme();
await startLocale();
const { start } = await import('./app.js');
const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no root');
start(element);
