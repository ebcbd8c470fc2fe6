with remittances as (
    select * from {{ ref('stg_remit__remittances') }}
),

actions as (
    select * from {{ source('raw', 'ledger_action') }}
),

element_codes as (
    select * from {{ ref('remit_element_codes') }}
),

payer_names as (
    select * from {{ ref('int_remit__payer_names') }}
),

transactions as (
    select
        remittances.*,
        coalesce(
            payers_of_id.payer_id,
            payers_of_name.payer_id,
            {{ normalised_payer('remittances.payer_id') }},
            {{ normalised_payer('remittances.payer_name') }}
        ) as resolved_payer_id,
        {{ surrogate_key(['remittances._file_sha256', 'remittances.st_index']) }} as transaction_key,
        coalesce(
            remittances.payment_identity,
            {{ surrogate_key(['remittances._file_sha256', 'remittances.st_index']) }}
        ) as payment_key,
        -- the trace of a remit that moves no money is made up or repeated, so it proves no conflict (ADR 7)
        coalesce(remittances.payment_amount, -1) = 0
        and (coalesce(methods.role, '') = 'no_money' or coalesce(handlings.role, '') = 'no_money')
            as is_trace_meaningless
    from remittances
    left join element_codes as methods
        on
            methods.element = 'BPR04'
            and remittances.payment_method_code = methods.code
    left join element_codes as handlings
        on
            handlings.element = 'BPR01'
            and remittances.handling_code = handlings.code
    left join payer_names as payers_of_id
        on payers_of_id.spelling = {{ normalised_payer('remittances.payer_id') }}
    left join payer_names as payers_of_name
        on payers_of_name.spelling = {{ normalised_payer('remittances.payer_name') }}
),

-- A person's decision concerns the payment, whichever copy it was taken on; the newest one stands. A decision
-- on a whole file (no st_index) says whether the file is read at all, not whether what it holds counts.
decisions_ranked as (
    select
        transactions.payment_key,
        actions.action,
        actions.reason,
        row_number() over (
            partition by transactions.payment_key
            order by
                actions.commit_number desc,
                actions.acted_at desc,
                actions.action asc,
                actions.file_sha256 asc,
                actions.st_index asc
        ) as decision_rank
    from actions
    inner join transactions
        on
            actions.file_sha256 = transactions._file_sha256
            and actions.st_index = transactions.st_index
),

decisions as (
    select
        payment_key,
        action,
        reason
    from decisions_ranked
    where decision_rank = 1
),

final as (
    select
        transactions.transaction_key,
        transactions.payment_key,
        transactions.payment_identity,
        transactions.payment_reference,
        transactions.content_hash,
        transactions.resolved_payer_id,
        transactions.is_trace_meaningless,
        transactions.transaction_status,
        transactions.payer_id,
        transactions.payer_name,
        transactions.payee_id_qualifier,
        transactions.payee_id,
        transactions.payee_tax_id,
        transactions.handling_code,
        transactions.payment_method_code,
        transactions.credit_debit_code,
        transactions.payment_amount,
        transactions.payment_date,
        transactions.production_date,
        transactions.trace_number,
        transactions.claim_count,
        transactions.claim_charge_amount,
        transactions.claim_paid_amount,
        transactions.provider_adjustment_amount,
        transactions.unexplained_amount,
        transactions.is_reversal_sign_repaired,
        transactions.st_index,
        transactions.interchange_index,
        transactions._file_sha256,
        transactions._commit_id,
        transactions._segment_number,
        decisions.action as decision,
        decisions.reason as decision_reason
    from transactions
    left join decisions on transactions.payment_key = decisions.payment_key
)

select * from final
