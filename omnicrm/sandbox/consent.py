"""The consent page: which account, and what it lets the application have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jinja2 import Environment

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{{ title }}</title>
<style>
body { font: 16px/1.5 system-ui; max-width: 32rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere }
label { display: block; min-height: 44px; padding: .5rem 0 }
button { min-height: 44px; padding: 0 1.2rem; font: inherit }
</style>
<h1>{{ title }}</h1>
<p>OmniCRM’s stand-in for Google. Nothing here leaves this machine.</p>
{% if problem %}<p>{{ problem }}</p>{% else %}
<form method="post" action="/o/oauth2/v2/auth">
{% for name, value in asked.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<h2>Choose an account</h2>
{% for email in accounts %}
<label><input type="radio" name="account" value="{{ email }}"{{ " checked" if email == chosen }}> {{ email }}</label>
{% else %}<p>There are none yet.</p>{% endfor %}
<h2>May have access to</h2>
{% for scope in scopes %}
<label><input type="checkbox" name="granted" value="{{ scope }}" checked> {{ scope }}</label>
{% else %}<p>Name and address only.</p>{% endfor %}
<p><button name="answer" value="allow">Allow</button> <button name="answer" value="deny">Cancel</button></p>
</form>{% endif %}
</html>
"""

_template = Environment(autoescape=True).from_string(_PAGE)


def page(asked: Mapping[str, str], accounts: Iterable[str], scopes: Iterable[str], chosen: str | None) -> str:
    return _template.render(
        title="Sign in to the sandbox", asked=asked, accounts=list(accounts), scopes=list(scopes), chosen=chosen
    )


def blocked(problem: str) -> str:
    return _template.render(title="Access blocked", problem=problem)
