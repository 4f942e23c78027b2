#pragma once
// Language tags (RFC 5646), as far as texts are told apart by them.

#include <optional>
#include <string>
#include <string_view>

namespace vestibule::jit {

/// The tag as RFC 5646 §2.1.1 writes it: `de`, `pt-BR`, `zh-Hant`. Nothing for what is no
/// well-formed tag of a language of two or three letters, at most 35 characters. Whether the
/// language exists is not looked up.
[[nodiscard]] std::optional<std::string> canonicalLanguage(std::string_view tag);

}  // namespace vestibule::jit
