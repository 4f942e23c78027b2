#pragma once
// Themes: the templates, texts and static files that the prompt pages are made of.

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/page_template.h"
#include "http/prompt_text.h"

namespace vestibule::http {

/// A static file of a theme, as it is sent.
struct ThemeFile {
  std::string content;
  std::string_view media_type;
  std::string version;  ///< of the content: part of a hash, plain characters
};

/// One theme, read and checked. Immutable, and safe to use from several threads at once.
class PromptTheme {
 public:
  using Files = std::map<std::string, std::string, std::less<>>;

  /// Makes a theme of `standard` files and of those that the theme has itself, which take their
  /// places. Templates are `page.html` and `outcome.html`, every other `*.html` a piece for
  /// `{{>name}}`; texts are `text.LANGUAGE.json`; a file with the ending of a style sheet, script,
  /// image or font is served. Error kInvalidValue, with the file, for a template or text that
  /// cannot be used, for a template that is missing, and for a page without `{{csrf}}`, from which
  /// no answer would be taken.
  [[nodiscard]] static Result<std::shared_ptr<const PromptTheme>> make(std::string name,
                                                                       const Files& standard,
                                                                       const Files& own);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const PageTemplate& page() const { return page_; }
  [[nodiscard]] const PageTemplate& outcome() const { return outcome_; }
  [[nodiscard]] const PromptTexts& texts() const { return texts_; }
  /// The static file of this name, or null.
  [[nodiscard]] const ThemeFile* file(std::string_view file_name) const;
  /// Where a static file is served, below `base`: with its version, where it is there.
  [[nodiscard]] std::string url(std::string_view base, std::string_view file_name) const;

 private:
  PromptTheme(std::string name, PageTemplate page, PageTemplate outcome, PromptTexts texts)
      : name_(std::move(name)),
        page_(std::move(page)),
        outcome_(std::move(outcome)),
        texts_(std::move(texts)) {}

  std::string name_;
  PageTemplate page_;
  PageTemplate outcome_;
  PromptTexts texts_;
  std::map<std::string, ThemeFile, std::less<>> files_;
};

/// All themes of an installation. Thread-safe.
class PromptThemes {
 public:
  /// `standard` is the folder `web/prompt` of the installation; `own` holds a folder for each
  /// other theme, and is empty where there are none.
  PromptThemes(std::filesystem::path standard, std::filesystem::path own);

  /// The theme of this name, empty or `default` for the one that comes with Vestibule. Files that
  /// have changed since are read again; when they can no longer be used, that is logged and the
  /// theme stays as it was. Costs a look at the folders; error kInvalidValue or kNotFound with the
  /// reason, which may be shown to an operator.
  [[nodiscard]] Result<std::shared_ptr<const PromptTheme>> theme(std::string_view name);

  /// Whether the theme can be used as its files are now, for those who save its name. Errors as
  /// `theme`.
  [[nodiscard]] Result<void> checkTheme(std::string_view name) const;

 private:
  struct Kept {
    std::string stamp;  ///< of the files it was made of
    std::shared_ptr<const PromptTheme> theme;
  };
  [[nodiscard]] Result<std::filesystem::path> folderOf(std::string_view name) const;
  [[nodiscard]] Result<std::shared_ptr<const PromptTheme>> read(std::string_view name) const;

  const std::filesystem::path standard_;
  const std::filesystem::path own_;
  std::mutex mutex_;
  std::map<std::string, Kept, std::less<>> kept_;
};

}  // namespace vestibule::http
