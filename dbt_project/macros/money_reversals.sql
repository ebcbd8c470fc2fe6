{#
    One pass of pairing reversals with what they reverse, within groups of equal `keys`.

    Read a group in chain order as opening (adjudication) and closing (reversal) brackets: a reversal that finds
    nothing open is an orphan; the k-th other reversal takes the k-th adjudication back. Set-based, so late and
    disordered files give the same pairs. `relation` has remit_claim_key, chain_position, is_reversal and the keys.
    Gives reversal_key, reversed_key and the method.
#}
{% macro money_pair_reversals(relation, keys, method) -%}
    select
        reversals.remit_claim_key as reversal_key,
        originals.remit_claim_key as reversed_key,
        '{{ method }}' as link_method
    from ({{ _money_numbered_brackets(relation, keys) }}) as reversals
    inner join ({{ _money_numbered_brackets(relation, keys) }}) as originals
        on
            {% for key in keys -%}
            reversals.{{ key }} = originals.{{ key }}
            and {% endfor -%}
            reversals.pair_number = originals.pair_number
    where reversals.is_reversal and not reversals.is_orphan and not originals.is_reversal
{%- endmacro %}

{# Numbers adjudications, and reversals that are no orphans, from 1 within each group. #}
{% macro _money_numbered_brackets(relation, keys) -%}
        select
            depths.*,
            count(case when not is_orphan then 1 end) over (
                partition by {{ keys | join(', ') }}, is_reversal
                order by chain_position
                rows between unbounded preceding and current row
            ) as pair_number
        from (
            select
                lows.*,
                is_reversal and depth < 0 and depth < coalesce(lowest_before, 0) as is_orphan
            from (
                select
                    sums.*,
                    min(depth) over (
                        partition by {{ keys | join(', ') }}
                        order by chain_position
                        rows between unbounded preceding and 1 preceding
                    ) as lowest_before
                from (
                    select
                        members.*,
                        sum(case when is_reversal then -1 else 1 end) over (
                            partition by {{ keys | join(', ') }}
                            order by chain_position
                            rows between unbounded preceding and current row
                        ) as depth
                    from {{ relation }} as members
                    where {% for key in keys %}{{ key }} is not null{{ ' and ' if not loop.last }}{% endfor %}
                ) as sums
            ) as lows
        ) as depths
{%- endmacro %}
