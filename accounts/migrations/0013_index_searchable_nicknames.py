from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_index_searchable_handles'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='profile',
            index=models.Index(fields=['is_searchable', 'nickname_folded'], name='profile_nicknames'),
        ),
    ]
