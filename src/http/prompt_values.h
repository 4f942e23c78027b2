#pragma once
// What all pages of a prompt have in common. Private to the pages.

#include "http/prompt_page.h"

namespace vestibule::http {

/// Language, addresses of the theme's files, and the languages to choose from.
[[nodiscard]] json::Object commonValues(const PromptTheme& theme, const LanguageTexts& texts,
                                        const PageAddress& address);

/// Every text of the language with these values in their places.
[[nodiscard]] json::Object textValues(const LanguageTexts& texts, const TextValues& values);

}  // namespace vestibule::http
