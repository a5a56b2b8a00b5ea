// Owns the look of the console: colours that keep their contrast in light and dark, sizes, and what every component defaults to.
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

/** The green of the mark on the sign-in pages. */
const gate: MantineColorsTuple = [
  '#eaf6f4',
  '#d5eae6',
  '#a9d6ce',
  '#7ac1b5',
  '#55b0a1',
  '#3ea593',
  '#2c8f80',
  '#1f6f66',
  '#175e56',
  '#0b4a43',
];

export const theme = createTheme({
  colors: { gate },
  primaryColor: 'gate',
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  headings: { fontWeight: '650' },
  components: {
    Modal: {
      defaultProps: {
        centered: false,
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none' } },
    Tabs: { defaultProps: { keepMounted: false } },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Dismiss' } } },
    Alert: { defaultProps: { variant: 'light' } },
    Tooltip: { defaultProps: { withArrow: true } },
  },
});

const BADGES = ['gate', 'gray', 'red', 'yellow', 'blue'];

/** Texts on light grounds take darker shades, and on dark ones lighter, than the library's own: WCAG 2.2 AA. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#565f66',
    '--mantine-color-placeholder': '#6a737b',
    '--mantine-color-error': '#b02525',
    '--mantine-color-anchor': '#175e56',
    '--mantine-color-body': '#fbfcfc',
    ...Object.fromEntries(BADGES.map((name) => [`--mantine-color-${name}-light-color`, light(name)])),
  },
  dark: {
    '--mantine-color-dimmed': '#a9b0b6',
    '--mantine-color-placeholder': '#9aa1a8',
    '--mantine-color-error': '#ff9d95',
    '--mantine-color-anchor': '#7ac1b5',
    // A quiet ground for warnings: the library's own glares.
    '--mantine-color-yellow-light': '#3a2d0e',
    ...Object.fromEntries(BADGES.map((name) => [`--mantine-color-${name}-light-color`, dark(name)])),
  },
});

function light(name: string): string {
  return { gate: '#0b4a43', gray: '#40474e', red: '#8f1d1d', yellow: '#6b4600', blue: '#134a86' }[name] ?? 'inherit';
}

function dark(name: string): string {
  return { gate: '#a9d6ce', gray: '#ced4da', red: '#ffc9c9', yellow: '#ffe8a3', blue: '#b8dbff' }[name] ?? 'inherit';
}
