#pragma once
// The prompt for browsers: pages by GET, forms by POST.

#include <optional>
#include <string>
#include <string_view>

#include "directory/context.h"
#include "http/exchange.h"
#include "http/prompt_page.h"
#include "http/prompt_theme.h"
#include "jit/identity_providers.h"
#include "jit/prompts.h"

namespace vestibule::http {

/// Thread-safe; all that it is given must outlive it.
class PromptPages {
 public:
  /// `public_url` is where browsers reach the public listener, when that is set.
  PromptPages(const directory::Context& context, const jit::IdentityProviders& providers,
              PromptThemes& themes, const std::string& public_url);

  /// The page of the ticket: what is asked, or why nothing is.
  [[nodiscard]] Response show(const Request& request) const;

  /// Takes the form that the page has sent, and answers with what came of it, or with the form and
  /// what is wrong. A form that does not come from our page (CSRF) does nothing.
  [[nodiscard]] Response take(const Request& request) const;

 private:
  /// How this request is answered.
  struct Look {
    std::shared_ptr<const PromptTheme> theme;
    const LanguageTexts* texts;
    PageAddress address;
  };

  /// The browser has come by https.
  [[nodiscard]] bool isSecure(const Request& request) const {
    return secure_.value_or(request.secure);
  }
  [[nodiscard]] Result<Look> lookOf(const Request& request,
                                    const jit::IdentityProvider* provider) const;
  [[nodiscard]] Response form(const Request& request, const Look& look, const jit::PromptForm& form,
                              PageState state, const std::string& return_url) const;
  [[nodiscard]] static Response outcome(const Look& look, PromptOutcome what,
                                        const std::string& return_url = {}, std::string code = {});
  [[nodiscard]] Response failed(const Request& request, const Error& error,
                                const jit::IdentityProvider* provider,
                                const std::string& return_url) const;

  const directory::Context& context_;
  const jit::IdentityProviders& providers_;
  PromptThemes& themes_;
  std::string base_;            ///< the path of the public URL
  std::optional<bool> secure_;  ///< browsers come by https; nothing: as the request came
};

}  // namespace vestibule::http
