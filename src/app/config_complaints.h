#pragma once
// What texts of the configuration may be. Each gives the end of a sentence that says why a text
// cannot be taken, empty when it can. Private to the config files.

#include <string>

namespace vestibule::app {

/// A numeric IP address, or localhost.
[[nodiscard]] std::string complainAboutAddress(const std::string& text);
/// What scim::parseTolerances takes.
[[nodiscard]] std::string complainAboutTolerances(const std::string& text);
/// A base URL of http or https; empty for none.
[[nodiscard]] std::string complainAboutPublicUrl(const std::string& text);
/// A URL of mysql; empty for none.
[[nodiscard]] std::string complainAboutDatabaseUrl(const std::string& text);
/// The beginning of names of schemas.
[[nodiscard]] std::string complainAboutSchemaPrefix(const std::string& text);
/// An absolute path; empty for none.
[[nodiscard]] std::string complainAboutProgram(const std::string& text);
/// A level of the log.
[[nodiscard]] std::string complainAboutLevel(const std::string& text);
/// A format of the log.
[[nodiscard]] std::string complainAboutFormat(const std::string& text);
/// Anything but nothing.
[[nodiscard]] std::string complainAboutEmpty(const std::string& text);
/// One line of text, which may be empty.
[[nodiscard]] std::string complainAboutLine(const std::string& text);
/// One line of text.
[[nodiscard]] std::string complainAboutService(const std::string& text);
/// A language tag in canonical form; empty for none.
[[nodiscard]] std::string complainAboutLanguage(const std::string& text);
/// An http or https URL; empty for none.
[[nodiscard]] std::string complainAboutWebPage(const std::string& text);

}  // namespace vestibule::app
