with remit_claims as (
    select * from {{ ref('int_remit__claims') }}
),

remarks as (
    select * from {{ ref('stg_remit__remarks') }}
),

final as (
    select
        remit_claims.remit_claim_key,
        {{ money_remit_line_key('remit_claims', 'remarks') }} as remit_line_key,
        remarks.source as remark_source,
        upper(trim(remarks.rarc)) as rarc,
        row_number() over (
            partition by remit_claims.remit_claim_key, remarks.line_index
            order by remarks.source, remarks.sequence, remarks._segment_number
        ) as remark_order
    from remit_claims
    inner join remarks
        on
            remit_claims._file_sha256 = remarks._file_sha256
            and remit_claims.st_index = remarks.st_index
            and remit_claims.claim_index = remarks.claim_index
    where remarks.rarc is not null
)

select * from final
