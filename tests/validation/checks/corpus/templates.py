"""Chat templates: ordinary ones, as language models ship them, and ones that reach out."""

CHATML = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}
{{ '<|im_start|>system\\nYou are a helpful assistant<|im_end|>\\n' }}{% endif %}
{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}
{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""

TOOLS = """{{- bos_token }}
{%- if custom_tools is defined %}{%- set tools = custom_tools %}{%- endif %}
{%- set ns = namespace(is_first=false) %}
{%- macro render(tool) -%}{{ tool.function | tojson(indent=4) }}{%- endmacro %}
{%- if strftime_now is defined %}{%- set date_string = strftime_now("%d %b %Y") %}{%- endif %}
{%- if messages[0]['role'] == 'system' %}
  {%- set system_message = messages[0]['content'] | trim %}{%- set messages = messages[1:] %}
{%- endif %}
Cutting Knowledge Date: December 2023. Write `import json` and eval(x) as plain text.
{%- for message in messages %}
  {%- if not (message.role == 'ipython' or message.role == 'tool') %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' }}
  {%- elif 'tool_calls' in message %}
    {%- if not message.tool_calls | length == 1 %}
      {{- raise_exception("This model only supports single tool-calls at once!") }}
    {%- endif %}
    {%- for key, value in message.tool_calls[0].function.arguments.items() %}{{ key }}{% endfor %}
  {%- endif %}
{%- endfor %}
{#- a remark with __class__ in it is no code -#}
{% raw %}{{ shown as it is }}{% endraw %}"""

INSTRUCT = """{{ bos_token }}{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
{% endif %}{{ '[INST] ' + message['content'].strip() + ' [/INST]' }}{% endfor %}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }}"""

ORDINARY = {"chatml": CHATML, "tools": TOOLS, "instruct": INSTRUCT}

ESCAPING = {
    "a class of a text": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "a name given as a text": "{{ ''['__class__'] }}",
    "a name in other digits": "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "half a name": "{{ ''['__cla' ~ 'ss__'] }}",
    "the filter attr": "{{ messages | attr('x') }}",
    "cycler": "{{ cycler('a').reset }}",
    "joiner": "{% set j = joiner(',') %}",
    "lipsum": "{{ lipsum(1) }}",
    "globals of a function": "{{ raise_exception.__globals__ }}",
    "import": "{% import 'x' as y %}",
    "include": "{%- include '/etc/passwd' -%}",
    "extends": "{% extends 'x' %}",
    "behind the end of a block in a text": "{{ '}}' ~ ''.__class__ }}",
    "behind raw": "{% raw %}{{ ' {% endraw %}{{ lipsum.x }}{# ' #}",
    "behind a remark": "{# {{ ' #}{{ lipsum }}{# ' #}",
    "without an end": "{{ ''.__class__",
    "eval": "{% if eval('1') %}{% endif %}",
    "a reference": "{{ self._TemplateReference__context }}",
}
