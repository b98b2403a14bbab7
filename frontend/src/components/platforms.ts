/** The platforms that chats come from, as people call them. */
const NAMES: Record<string, string> = {
  chatgpt: "ChatGPT",
  claude: "Claude",
  gemini: "Gemini",
  mistral: "Mistral",
  lechat: "Le Chat",
  grok: "Grok",
  deepseek: "DeepSeek",
  perplexity: "Perplexity",
  copilot: "Copilot",
  openwebui: "Open WebUI",
  librechat: "LibreChat",
  demo: "Demo",
};

export function platformName(platform: string | null): string {
  return platform === null ? "ChatSynth" : (NAMES[platform] ?? platform);
}
