// What is wrong with the screen as it is now: an answer for each finding, none when all is well.
() => {
  const findings = [];
  // What moves is looked at as it will be.
  for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([r, g, b, alpha], below) =>
    [r, g, b].map((part, place) => part * alpha + below[place] * (1 - alpha));
  const ancestors = (element) => {
    const found = [];
    for (let each = element; each; each = each.parentElement) found.push(each);
    return found;
  };
  const backgroundOf = (element) =>
    ancestors(element)
      .reverse()
      .reduce((below, each) => over(rgba(getComputedStyle(each).backgroundColor), below), [255, 255, 255]);
  const luminance = (colour) => {
    const [red, green, blue] = colour
      .map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const opacityOf = (element) =>
    ancestors(element).reduce((product, each) => product * Number(getComputedStyle(each).opacity), 1);

  const check = (element, colour, text) => {
    const { fontSize, fontWeight } = getComputedStyle(element);
    const size = Number.parseFloat(fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(fontWeight) >= 700);
    const background = backgroundOf(element);
    const [red, green, blue, alpha] = rgba(colour);
    const shown = over([red, green, blue, alpha * opacityOf(element)], background);
    const found = contrast(shown, background);
    if (found < (isLarge ? 3 : 4.5)) findings.push(`contrast ${found.toFixed(2)}: “${text.trim().slice(0, 40)}”`);
  };
  /** Nobody else stands before it, and it is not scrolled away. */
  const isInSight = (element, { left, top, width, height }) => {
    if (width < 2 || height < 2 || opacityOf(element) === 0) return false;
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    return there !== null && (element.contains(there) || there.contains(element));
  };
  const isOff = (element) => element.closest(":disabled, [aria-disabled='true'], [data-disabled]") !== null;

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const { currentNode: text } = texts;
    const element = text.parentElement;
    if (!text.data.trim() || !element || isOff(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getClientRects()[0];
    if (box && isInSight(element, box)) check(element, getComputedStyle(element).color, text.data);
  }
  for (const field of document.querySelectorAll("input, textarea")) {
    if (field.value || !field.placeholder || isOff(field) || !isInSight(field, field.getBoundingClientRect())) continue;
    check(field, getComputedStyle(field, "::placeholder").color, field.placeholder);
  }

  // Wide things may scroll by themselves where they stand in a text; the page may not, nor any part of its frame.
  const mayScroll = "pre, .katex-display, [data-scrolls]";
  for (const element of document.querySelectorAll("body, body *")) {
    const { overflowX } = getComputedStyle(element);
    const scrolls = overflowX === "auto" || overflowX === "scroll" || element === document.body;
    if (scrolls && element.scrollWidth > element.clientWidth + 1 && !element.closest(mayScroll))
      findings.push(`scrolls sideways: ${element.tagName.toLowerCase()}.${element.className}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids.filter((each, place) => ids.indexOf(each) !== place))) findings.push(`two are #${id}`);
  return findings;
};
