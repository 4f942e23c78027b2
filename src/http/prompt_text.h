#pragma once
// What the prompt pages say, by language: data of a theme, not of the program.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vestibule::http {

/// Values for the `{name}` of a text.
using TextValues = std::vector<std::pair<std::string_view, std::string_view>>;

/// The texts of one language. Immutable.
class LanguageTexts {
 public:
  /// Reads a file: `{"language", "direction", "texts", "labels", "kinds"}`, each of which may be
  /// missing. Error kInvalidValue for what has another form, with the member; kInvalidSyntax for
  /// what is no JSON.
  [[nodiscard]] static Result<LanguageTexts> read(std::string tag, std::string_view file);

  [[nodiscard]] const std::string& tag() const { return tag_; }              ///< `de`
  [[nodiscard]] const std::string& language() const { return language_; }    ///< `Deutsch`
  [[nodiscard]] const std::string& direction() const { return direction_; }  ///< `ltr` or `rtl`
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& texts() const {
    return texts_;
  }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& labels() const {
    return labels_;
  }
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& kinds() const {
    return kinds_;
  }

  /// The text of this key with the values in their places; the key itself where there is none.
  /// A value is taken as it is: what looks like a place in it stays.
  [[nodiscard]] std::string text(std::string_view key, const TextValues& values = {}) const;

  /// What people call the attribute of this path: `name.givenName` is "Vorname",
  /// `emails[type eq "work"].value` "E-Mail (Arbeit)". Without a label of its own, the names in
  /// the path made readable: `urn:…:User:costCenterCode` is "Cost center code". Never empty for a
  /// path that is not.
  [[nodiscard]] std::string label(std::string_view path) const;
  /// True when `label` has more than the path to go by.
  [[nodiscard]] bool hasLabel(std::string_view path) const;

  /// Puts what `other` says in the place of what this says.
  void overlay(const LanguageTexts& other);

 private:
  [[nodiscard]] std::optional<std::string> knownLabel(std::string_view path) const;

  std::string tag_;
  std::string language_;
  std::string direction_;
  std::map<std::string, std::string, std::less<>> texts_;
  std::map<std::string, std::string, std::less<>> labels_;  ///< by path, without URN and filter
  std::map<std::string, std::string, std::less<>> kinds_;   ///< by the value of `type`
};

/// The languages of a theme. Immutable, never empty.
class PromptTexts {
 public:
  /// Puts the files of a theme over the standard ones; both by language tag. English comes first,
  /// then the others by tag. Error kInvalidValue, with the file's name, for: a bad file, a key that
  /// the standard English has not, a language that lacks a text, no English at all.
  [[nodiscard]] static Result<PromptTexts> combine(
      const std::map<std::string, std::string>& standard,
      const std::map<std::string, std::string>& own);

  /// The texts to answer with: in the language that was `asked` for by name where there is one,
  /// else by Accept-Language, else in English.
  [[nodiscard]] const LanguageTexts& choose(std::optional<std::string_view> asked,
                                            std::string_view accept_language) const;

  [[nodiscard]] const std::vector<LanguageTexts>& languages() const { return languages_; }

 private:
  explicit PromptTexts(std::vector<LanguageTexts> languages) : languages_(std::move(languages)) {}
  std::vector<LanguageTexts> languages_;
};

}  // namespace vestibule::http
