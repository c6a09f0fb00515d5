/** What the application of each ecosystem needs: ordinary packages that many install, with some 300 and some 100 packages below them. */
export const NPM_APPLICATION = {
  express: "*",
  eslint: "*",
  next: "*",
  react: "*",
  "react-dom": "*",
  typescript: "*",
  webpack: "*",
  "webpack-cli": "*",
} as const;

/** Installed from wheels alone, so that nothing is built. */
export const PYTHON_APPLICATION = ["jupyterlab", "pandas", "scikit-learn"] as const;
